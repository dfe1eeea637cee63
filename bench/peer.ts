import { spawn } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort, type ServerCommand, type ServerProcess, startServer } from "./server-process.ts";

const PACKAGE = join(import.meta.dirname, "node_modules/@portkey-ai/gateway");
const SERVER = join(PACKAGE, "build/start-server.js");

/** Installs what `bench/package.json` names, once. */
export async function installPeer(): Promise<void> {
  if (await exists(SERVER)) return;
  console.log("installing the peer (once) …");
  // No scripts: the package's own only patch its sources for its developers.
  await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
}

/** `@portkey-ai/gateway 1.15.2` */
export async function peerVersion(): Promise<string> {
  const { name, version } = JSON.parse(await readFile(join(PACKAGE, "package.json"), "utf8")) as { name: string; version: string };
  return `${name} ${version}`;
}

/** Runs it as its users do, under Node, without its web page. */
export async function startPeer(isServing: ServerCommand["isServing"]): Promise<ServerProcess> {
  const port = await freePort();
  return startServer({
    command: [process.execPath, SERVER, `--port=${port}`, "--headless"],
    environment: { NODE_ENV: "production" },
    port,
    isServing,
  });
}

/** The headers that say where a request goes: one target, or a fallback of two. */
export function peerHeaders(upstreamPort: number, kind: "single" | "fallback"): Record<string, string> {
  const target = (path: string) => ({
    provider: "openai",
    api_key: "sk-bench",
    custom_host: `http://127.0.0.1:${upstreamPort}${path}`,
  });
  if (kind === "single") {
    const { custom_host } = target("/v1");
    return { authorization: "Bearer sk-bench", "x-portkey-provider": "openai", "x-portkey-custom-host": custom_host };
  }
  const strategy = { mode: "fallback", on_status_codes: [503] };
  return { "x-portkey-config": JSON.stringify({ strategy, targets: [target("/broken/v1"), target("/v1")] }) };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function run(program: string, parameters: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { cwd: import.meta.dirname, stdio: ["ignore", "ignore", "inherit"] });
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`${program} ${parameters.join(" ")} failed in bench/`))));
  });
}
