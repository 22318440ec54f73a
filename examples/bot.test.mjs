/**
 * The test of a bot, with the paper venue inside of the test's own process, on a free port: what no exchange does when
 * asked is one line here.
 *
 *     node --test examples/bot.test.mjs
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DEMO_ACCOUNT, startPaperVenue } from "listenkey/venue";
import { Bot } from "./bot.mjs";

test("the bot gives its position back when a margin call comes", async (t) => {
  const { venue, bot } = await botOnVenue(t);
  await bot.start("0.010");
  await paper(venue, "/accounts/demo/margin-call");
  await until(() => bot.did.length > 0);
  assert.deepEqual(bot.did, ["gave back 0.01 after a margin call"]);
});

test("the bot looks again at what it holds after its socket was cut", async (t) => {
  const { venue, bot } = await botOnVenue(t);
  await bot.start("0.010");
  // As a network that fails. POST /v1/paper/faults with {"type": "cut"} does the same to a venue elsewhere.
  venue.cutSockets();
  await until(() => bot.did.length > 0);
  assert.deepEqual(bot.did, ["looked again: holds 0.01"]);
});

test("the bot listens on after a day, when the listenKey has run out and every socket was closed", async (t) => {
  const { venue, bot } = await botOnVenue(t);
  await bot.start("0.010");
  await paper(venue, "/clock/advance", { ms: 24 * 60 * 60 * 1000 });
  await until(() => bot.did.includes("looked again: holds 0.01"));
  await paper(venue, "/accounts/demo/margin-call");
  await until(() => bot.did.at(-1) === "gave back 0.01 after a margin call");
});

/** A venue and a bot for one test; both are gone after it. Equal seeds give equal markets. */
async function botOnVenue(t) {
  const venue = await startPaperVenue({ port: 0, seed: 1 });
  const { apiKey, apiSecret } = DEMO_ACCOUNT;
  const bot = new Bot({ url: venue.url, wsUrl: venue.wsUrl, apiKey, apiSecret });
  t.after(async () => {
    await bot.stop();
    await venue.close();
  });
  return { venue, bot };
}

/** A call of the venue's own: docs/venue.md lists them. */
async function paper({ url }, path, body = {}) {
  const response = await fetch(`${url}/v1/paper${path}`, { method: "POST", body: JSON.stringify(body) });
  const answer = await response.json();
  assert.ok(response.ok, answer.error?.message);
  return answer;
}

async function until(holds) {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    assert.ok(Date.now() < deadline, "it did not come within ten seconds");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
