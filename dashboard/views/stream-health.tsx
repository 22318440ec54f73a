/** How the stream is doing, as a person would want to know: what lives, for how long still, and how late it is. */
import type { AccountSession } from "../state/account-session.ts";
import type { AccountHealth, ConsumerRow } from "../state/hub-answers.ts";
import { words } from "../words/chosen.ts";
import { counted, duration } from "../words/numbers.ts";
import { LagLine } from "./lag-line.tsx";
import { Meter } from "./meter.tsx";
import { monotonicNow, now } from "./ticking.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Key, sockets, lag, weight, clock, journal, consumers. */
export function StreamHealth({ session }: { readonly session: AccountSession }) {
  const w = words.value.health;
  const heard = session.health.value;
  const sinceMs = heard === undefined ? 0 : Math.max(0, monotonicNow.value - heard.at);
  return (
    <section class="part health" aria-labelledby="health-title" id="health">
      <h2 id="health-title">{w.title}</h2>
      {heard === undefined ? (
        <p class="quiet">…</p>
      ) : (
        <dl class="facts">
          <KeyFact health={heard.value} sinceMs={sinceMs} />
          <Sockets health={heard.value} sinceMs={sinceMs} />
          <LastEvent session={session} />
          <Fact name={w.lag} hint={w.lagTitle}>
            <LagLine session={session} />
          </Fact>
          <Weight health={heard.value} />
          <Rest health={heard.value} />
        </dl>
      )}
      <Consumers rows={session.consumers.value} />
    </section>
  );
}

interface FactProps {
  readonly name: string;
  readonly hint?: string;
  readonly children: preact.ComponentChildren;
}

function Fact({ name, hint, children }: FactProps) {
  return (
    <div title={hint}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface HealthProps {
  readonly health: AccountHealth;
  /** Since the hub said so. */
  readonly sinceMs: number;
}

function KeyFact({ health: { upstream }, sinceMs }: HealthProps) {
  const w = words.value.health;
  const key = upstream?.key;
  if (key === undefined) return <Fact name={w.key}>{w.none}</Fact>;
  const validMs = Math.max(0, key.validForMs - sinceMs);
  return (
    <Fact name={w.key}>
      <span class="line">
        <code>{key.shown}</code> {w.valid} <b id="key-valid">{duration(validMs, words.value)}</b>
        {key.failures > 0 ? <em class="bad">{w.failed(key.failures)}</em> : null}
      </span>
      <Meter name={w.key} value={validMs} max={HOUR_MS} tone={validMs < 600_000 ? "bad" : "good"} />
    </Fact>
  );
}

function Sockets({ health: { upstream }, sinceMs }: HealthProps) {
  const w = words.value.health;
  const lines = upstream?.lines ?? [];
  return (
    <Fact name={w.sockets}>
      {lines.length === 0 ? <span class="bad">{w.noSocket}</span> : null}
      {lines.map(({ epoch, stage, openForMs, quietForMs }) => {
        const ageMs = openForMs + sinceMs;
        return (
          <div key={epoch} class="socket">
            <span class="line">
              #{epoch} {stage === undefined || stage === "open" ? "" : `${w.stages[stage] ?? stage} `}·{" "}
              <b>{w.age(duration(ageMs, words.value))}</b> ·{" "}
              <span class="whole">{w.quiet(duration(quietForMs + sinceMs, words.value))}</span>
            </span>
            <Meter name={`${w.sockets} #${epoch}`} value={ageMs} max={DAY_MS} tone="plain" />
          </div>
        );
      })}
    </Fact>
  );
}

function LastEvent({ session }: { readonly session: AccountSession }) {
  const w = words.value.health;
  const at = now.value;
  const last = session.book.records.findLast(({ kind }) => kind === "event");
  return (
    <Fact name={w.lastEvent}>
      {last === undefined ? w.never : w.ago(duration(Math.max(0, at - last.at), words.value))}
    </Fact>
  );
}

function Weight({ health: { upstream } }: Pick<HealthProps, "health">) {
  const w = words.value.health;
  const budget = upstream?.budget;
  if (budget === undefined) return null;
  const { used, limit, blockedForMs } = budget;
  return (
    <Fact name={w.weight} hint={w.weightTitle}>
      <span class="line">
        <b>{counted(used)}</b> / {counted(limit)}
        {blockedForMs > 0 ? <em class="bad">{w.blocked(duration(blockedForMs, words.value))}</em> : null}
      </span>
      <Meter name={w.weight} value={used} max={limit} tone={used * 4 > limit * 3 ? "bad" : "plain"} />
    </Fact>
  );
}

function Rest({ health: { upstream, journal, lastSeq } }: Pick<HealthProps, "health">) {
  const w = words.value.health;
  const { clock, diagnosis } = upstream ?? {};
  return (
    <>
      {clock === undefined ? null : (
        <Fact name={w.clock} hint={w.clockTitle}>
          {clock.offsetMs > 0 ? "+" : clock.offsetMs < 0 ? "−" : ""}
          {duration(Math.abs(clock.offsetMs), words.value)}
          {clock.uncertaintyMs === undefined ? "" : ` ± ${duration(clock.uncertaintyMs, words.value)}`}
        </Fact>
      )}
      <Fact name={w.journal}>
        {journal.trouble === undefined ? w.journalOk(counted(lastSeq)) : <span class="bad">{journal.trouble}</span>}
      </Fact>
      {diagnosis === undefined ? null : (
        <Fact name={w.trouble}>
          {words.value.cause(diagnosis.why)} ·{" "}
          <span class="whole">{w.ago(duration(diagnosis.agoMs, words.value))}</span>
        </Fact>
      )}
    </>
  );
}

function Consumers({ rows }: { readonly rows: readonly ConsumerRow[] }) {
  const w = words.value.health;
  return (
    <>
      <h3 id="consumers-title">
        {w.consumers} <span class="count">{rows.length === 0 ? "" : rows.length}</span>
      </h3>
      {rows.length === 0 ? <p class="quiet">{w.noConsumers}</p> : null}
      <ul class="consumers" aria-labelledby="consumers-title">
        {rows.slice(0, 20).map(({ over, address, connectedForMs, policy, cursor, lag, queueEntries }, index) => (
          <li key={index} title={`${policy} · ${w.consumer.cursor} ${cursor}`}>
            <span>{over === "websocket" ? "WS" : "SSE"}</span>
            <span>{address}</span>
            <span>{duration(connectedForMs, words.value)}</span>
            <span>
              {w.consumer.queue} <b>{counted(lag)}</b>/{counted(queueEntries)}
            </span>
            <Meter
              name={`${w.consumer.queue} ${index + 1}`}
              value={lag}
              max={queueEntries}
              tone={lag * 2 > queueEntries ? "bad" : "plain"}
            />
          </li>
        ))}
      </ul>
    </>
  );
}
