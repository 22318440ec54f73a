/**
 * Holds the direction of imports: who may know whom, where Node and npm packages may be touched, and what the light
 * doors may load. The house as plain data comes first; the rules that read it follow.
 */
import { posix } from "node:path";
import { type Import, importCycles, importsOf, loadedPackages } from "./imports.ts";
import {
  type Complaint,
  DEPENDENCIES,
  DOORS,
  FOLDERS,
  isProgram,
  readTree,
  type SourceTree,
  tell,
} from "./source-tree.ts";

/** The rooms of the product, each with the rooms it may import. */
const PRODUCT = {
  kernel: [],
  protocol: ["kernel"],
  rest: ["kernel", "protocol"],
  stream: ["kernel", "protocol"],
  account: ["kernel", "protocol"],
  face: ["kernel", "protocol"],
  journal: ["kernel"],
  hub: ["kernel", "protocol", "account", "face", "journal"],
  venue: ["kernel", "protocol", "face"],
};

const EVERY_ROOM = Object.keys(PRODUCT);

/** All places of the house. `door` is the files that stand in `src/` itself: the SDK. */
const PLACES: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...Object.entries(PRODUCT),
  ["door", ["kernel", "protocol", "rest", "stream", "account", "hub"]],
  ["cli", [...EVERY_ROOM, "door"]],
  ["sim", EVERY_ROOM],
  ["test", [...EVERY_ROOM, "door", "cli", "sim"]],
  ["bench", [...EVERY_ROOM, "door", "sim", "test"]],
  ["tools", EVERY_ROOM],
  ["examples", ["door", "protocol", "venue"]],
  ["dashboard", ["kernel", "protocol", "account", "hub"]],
]);

/** The exchange core: the folders of the venue whose rules know no key, request or socket. */
const CORE = ["exchange", "orders", "conditional", "grids", "accounts", "margin", "market"].map(
  (folder) => `src/venue/${folder}/`,
);

/** What the exchange core may import, beside itself. */
const BELOW_CORE = ["src/kernel/", "src/protocol/", "src/face/refusal.ts"];

/**
 * Where real parts are plugged in: only here, from files of the same `io/` folder, and as {@link SHARED_ADAPTERS} are
 * `io/` files imported. The program of a thread is a root: it cannot be handed an adapter.
 */
const COMPOSITION_ROOTS = [
  "src/cli/",
  "src/index.ts",
  "src/account-stream.ts",
  "src/hub-client.ts",
  "src/venue/index.ts",
  "src/journal/io/writer-thread.ts",
  "sim/io/",
  "sim/main.ts",
];

/**
 * Adapters that other adapters may build on, where their rooms may know each other: the servers of hub and venue share
 * what a server does with sockets.
 */
const SHARED_ADAPTERS = ["src/face/io/"];

/** What is no part of the product, and so may touch Node, npm packages and adapters. */
const WORKSHOPS = ["test/", "bench/", "tools/", "examples/"];

/** The page: packages are built into it, while Node and adapters are not there. */
const PAGE = "dashboard/";

/** Programs among the pure files: they may touch Node, to read arguments and print, but no adapters. */
const PROGRAMS = ["sim/main.ts"];

/** Doors that stay light, and the only packages that are loaded with them. */
const LIGHT_DOORS: ReadonlyMap<string, readonly string[]> = new Map([
  ["src/index.ts", ["ws"]],
  ["src/protocol/index.ts", []],
]);

/**
 * What is wrong with the imports of a tree, rule by rule.
 * @param dependencies the packages that users of ours get; all others are for development only
 */
export function roomComplaints(tree: SourceTree, dependencies: ReadonlySet<string>): Complaint[] {
  const imports = importsOf(tree, DOORS);
  return [
    ...strangers(tree),
    ...imports.flatMap((one) => complaintsAbout(one, dependencies)),
    ...heavyDoors(imports),
    ...cycles(imports),
  ];
}

function strangers(tree: SourceTree): Complaint[] {
  return [...tree.keys()]
    .filter((path) => !PLACES.has(placeOf(path)))
    .map((path) => ({
      at: path,
      says: `${placeOf(path)} is not a room. Put the file into a room, or add the room to PLACES in tools/rooms.ts`,
    }));
}

/** At most one complaint per import, from the rule that says most. Tests import whatever they like, but no test. */
function complaintsAbout(one: Import, dependencies: ReadonlySet<string>): Complaint[] {
  const says =
    testImported(one) ??
    (isTest(one.from)
      ? undefined
      : (computed(one) ?? wrongDirection(one) ?? coreLeft(one) ?? ioReached(one) ?? impure(one))) ??
    developmentOnly(one, dependencies);
  return says === undefined ? [] : [{ at: `${one.from}:${one.line}`, says }];
}

function testImported({ target }: Import): string | undefined {
  if (target.is !== "file" || !isTest(target.path)) return undefined;
  return `${target.path} is a test, and tests are leaves. Move what is needed from it into a file of test/`;
}

function computed({ from, target }: Import): string | undefined {
  if (target.is !== "computed" || !/^(?:src|sim)\//.test(from)) return undefined;
  return "the imported path is made at run time, so no rule can see it. Write it as a literal";
}

function wrongDirection({ from, target }: Import): string | undefined {
  if (target.is !== "file") return undefined;
  const [here, there] = [placeOf(from), placeOf(target.path)];
  const allowed = PLACES.get(here);
  if (allowed === undefined || here === there || allowed.includes(there)) return undefined;
  const may = allowed.length === 0 ? "nothing of ours" : `only ${allowed.join(", ")}`;
  const refusal = `${here} may not import ${there} (${target.path}); it may import ${may}`;
  return `${refusal}. Move the shared part down, or pass it in`;
}

function coreLeft({ from, target }: Import): string | undefined {
  if (target.is !== "file" || !isOneOf(CORE, from) || isOneOf([...CORE, ...BELOW_CORE], target.path)) return undefined;
  const refusal = `the exchange core may not import ${target.path}; it may import only ${BELOW_CORE.join(", ")}`;
  return `${refusal}. Move the shared part into the core, or pass it in`;
}

function ioReached({ from, target }: Import): string | undefined {
  if (target.is !== "file" || !isIo(target.path)) return undefined;
  if (isIo(from) && ioFolder(from) === ioFolder(target.path)) return undefined;
  if (isIo(from) && isOneOf(SHARED_ADAPTERS, target.path)) return undefined;
  if (isOneOf([...COMPOSITION_ROOTS, ...WORKSHOPS], from)) return undefined;
  const roots = COMPOSITION_ROOTS.join(", ");
  return `${target.path} is an adapter, and adapters are leaves. Take a port, and plug it in at a root: ${roots}`;
}

function impure({ from, target }: Import): string | undefined {
  if (target.is !== "builtin" && target.is !== "package") return undefined;
  if (isIo(from) || isOneOf([...COMPOSITION_ROOTS, ...WORKSHOPS, ...PROGRAMS], from)) return undefined;
  if (from.startsWith(PAGE)) {
    if (target.is === "package") return undefined;
    return `the page runs in a browser, which has no ${target.name}. Take a port, and give it the browser's own`;
  }
  const home = from.replace(/[^/]*$/, "io/");
  const refusal = `a pure file may not import ${target.name}`;
  return `${refusal}. Take a port from src/kernel/ports.ts; the real one goes into ${home}`;
}

function developmentOnly({ from, target }: Import, dependencies: ReadonlySet<string>): string | undefined {
  if (target.is !== "package" || dependencies.has(target.name)) return undefined;
  if (!from.startsWith("src/") || isTest(from)) return undefined;
  const refusal = `${target.name} is not among the dependencies in package.json, so users do not have it`;
  return `${refusal}. Move it there, or do without`;
}

function heavyDoors(imports: readonly Import[]): Complaint[] {
  return [...LIGHT_DOORS].flatMap(([door, light]) =>
    [...loadedPackages(imports, door)]
      .filter(([name]) => !light.includes(name))
      .map(([name, chain]) => ({
        at: door,
        says: `this door must stay light, yet loads ${name} (${chain.join(" -> ")}). Load it when used, with import()`,
      })),
  );
}

function cycles(imports: readonly Import[]): Complaint[] {
  return importCycles(imports).map((cycle) => ({
    at: `${cycle[0]}`,
    says: `a cycle of imports: ${[...cycle, cycle[0]].join(" -> ")}. Move what they share into a file below them`,
  }));
}

/** `src/kernel/…` → `kernel`; a file in `src/` itself → `door`; `sim/…` → `sim`. */
function placeOf(path: string): string {
  const [top = "", room = ""] = path.split("/");
  if (top !== "src") return top;
  return room.endsWith(".ts") ? "door" : room;
}

function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

function isIo(path: string): boolean {
  return path.includes("/io/");
}

/** The `io/` folder a file stands in or below. */
function ioFolder(path: string): string {
  return posix.join(path.slice(0, path.indexOf("/io/")), "io");
}

/** Is the file one of the entries, or below one that ends in a slash? */
function isOneOf(entries: readonly string[], path: string): boolean {
  return entries.some((entry) => (entry.endsWith("/") ? path.startsWith(entry) : path === entry));
}

if (isProgram(import.meta.url)) {
  const tree = readTree([...FOLDERS, "dashboard"], [".ts", ".tsx"]);
  tell(roomComplaints(tree, DEPENDENCIES), `rooms (${tree.size} files)`);
}
