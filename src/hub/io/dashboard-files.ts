/**
 * The dashboard's files, read once and served from memory. They say nothing of any account, so they need no token.
 *
 * Rules kept here
 * - The page runs nothing but its own files and speaks to nobody but this server: the content security policy says so.
 * - Names under `assets/` have a hash of what is in them, and are kept by browsers for ever; all others are asked for
 *   anew each time.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** What each kind of file is. Others are not served. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html;charset=UTF-8",
  ".js": "text/javascript;charset=UTF-8",
  ".css": "text/css;charset=UTF-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain;charset=UTF-8",
};

/** Nothing from elsewhere, nothing inline, no frames around it. */
const POLICY = [
  "default-src 'none'",
  ...["script", "style", "img", "font", "connect"].map((kind) => `${kind}-src 'self'`),
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

interface ServedFile {
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  readonly zipped: Buffer;
}

/** The files of one built dashboard, by path. */
export class DashboardFiles {
  readonly #files: ReadonlyMap<string, ServedFile>;

  private constructor(files: ReadonlyMap<string, ServedFile>) {
    this.#files = files;
  }

  /** Reads what was built into a folder; `undefined` when nothing was. */
  static read(folder: string): DashboardFiles | undefined {
    if (!existsSync(join(folder, "index.html"))) return undefined;
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => name.replaceAll("\\", "/"));
    const served = names.filter((name) => MEDIA_TYPES[extname(name)] !== undefined);
    const files = served.map((name): [string, ServedFile] => [
      name === "index.html" ? "/" : `/${name}`,
      servedFile(name, readFileSync(join(folder, name))),
    ]);
    return new DashboardFiles(new Map(files));
  }

  /** Is there a file at this path? */
  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** Answers a request for a file that is there. */
  answer(path: string, request: IncomingMessage, response: ServerResponse): void {
    const file = this.#files.get(path);
    if (file === undefined || (request.method !== "GET" && request.method !== "HEAD")) {
      response.writeHead(file === undefined ? 404 : 405, { allow: "GET, HEAD" }).end();
      return;
    }
    const isZipped = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
    const bytes = isZipped ? file.zipped : file.bytes;
    const coding = isZipped ? { "content-encoding": "gzip" } : {};
    response.writeHead(200, { ...file.headers, ...coding, "content-length": bytes.length });
    response.end(request.method === "HEAD" ? undefined : bytes);
  }
}

function servedFile(name: string, bytes: Buffer): ServedFile {
  const headers = {
    "content-type": MEDIA_TYPES[extname(name)] ?? "",
    "cache-control": name.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache",
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    vary: "accept-encoding",
  };
  return { headers, bytes, zipped: gzipSync(bytes) };
}
