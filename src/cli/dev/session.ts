import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CompiledConfig } from "../../config/compiled.ts";
import type { Problem } from "../../config/file/problem.ts";
import type { Result } from "../../core/result.ts";
import { CommandFailure } from "../command-failure.ts";
import { gatewayKeysOf } from "../needed-secrets.ts";
import { compileRoutesFile, problemLines, requireRoutesFile, type RoutesFile } from "../routes-file.ts";
import { paint, paintError, print, printError } from "../terminal/terminal.ts";
import { readText, type Unreadable } from "../text-file.ts";
import { isSet, readVariables, requireVariables, type EnvFile, type Variables } from "../variables.ts";
import { lastWords, startGateway, type RunningGateway } from "./process/gateway.ts";
import { showRequests } from "./shown/request-log.ts";
import { settled } from "./files/settled.ts";
import { stillAnswers } from "./process/still-answers.ts";
import { publishOver } from "./publish-over.ts";
import { notices } from "./shown/notices.ts";
import { exampleCall, type KeyPlace } from "./shown/example-call.ts";
import { routingSummary } from "./shown/routing-summary.ts";
import type { SimulateChoice } from "./simulate-choice.ts";
import { isSamePlan, planStart, servesWithoutRestart, type StartOptions, type StartPlan } from "./start-plan.ts";

/** What a session runs with, for as long as it runs. */
export interface SessionSettings {
  readonly routes: string;
  readonly port: number;
  readonly envFile: EnvFile;
  readonly persistTo: string;
  readonly simulate: SimulateChoice;
  /** No line for each request. */
  readonly quiet: boolean;
  readonly shell: Variables;
  /** Aborted when the session shall end. */
  readonly signal: AbortSignal;
}

const KEEPS_SERVING = "still serving the previous version";

/** The shell's variable that the example takes a key from where nobody but the gateway makes any. */
const ISSUED_KEY = "TO11_KEY";

/** One `to11 dev`: the gateway that runs, replaced as files change. */
export class Session {
  readonly #settings: SessionSettings;
  readonly #gatewayEnded: () => void;
  #variables: Variables = {};
  #running: RunningGateway | null = null;
  /** It runs and does not answer. */
  #isLost = false;
  /** The text that was last read of routes.toml: a touched file is no change. */
  #seenToml = "";
  /** What this session published last, and its version. */
  #served: CompiledConfig | null = null;
  #version = "";

  constructor(settings: SessionSettings, gatewayEnded: () => void) {
    this.#settings = settings;
    this.#gatewayEnded = gatewayEnded;
  }

  /** Starts the gateway and says what serves what. @throws {CommandFailure} with all that keeps it from starting. */
  async start(): Promise<void> {
    const { routes, envFile, shell } = this.#settings;
    const file = await requireRoutesFile(routes, { localDevelopment: true });
    printError(...problemLines(file.warnings, routes).map((line) => paintError("yellow", line)));
    this.#seenToml = file.toml;
    this.#variables = await requireVariables(envFile, shell);
    const plan = this.#plan(file, this.#variables, "allowed");
    if (!plan.ok) throw new CommandFailure(plan.error.join("\n"));
    await this.#run(file, plan.value);
    this.#introduce(file, plan.value);
  }

  /** Ends the gateway and all that came with it. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.stop();
  }

  /** What is to be said when the gateway ended by itself. */
  obituary(): string {
    if (this.#running === null) return "The gateway has ended.";
    return lastWords(`The gateway ${this.#isLost ? "no longer answers" : "has ended"}. It said:`, this.#running.process);
  }

  /** Serves the file as it is now, unless it is broken or names a variable that is missing. */
  async routesChanged(): Promise<void> {
    const { routes } = this.#settings;
    const read = await this.#editedRoutes();
    if (!read.ok) {
      // So that taking the mistake back is a change again.
      this.#seenToml = "";
      return complain(problemLines(read.error, routes), KEEPS_SERVING);
    }
    const file = read.value;
    if (file.toml === this.#seenToml) return;
    this.#seenToml = file.toml;
    const running = this.#running;
    if (file.compiled.providers.length === 0 && this.#served !== null && this.#served.providers.length > 0) {
      return complain([`${routes} has no provider any more: nothing could be answered`], KEEPS_SERVING);
    }
    printError(...problemLines(file.warnings, routes).map((line) => paintError("yellow", line)));
    const plan = this.#plan(file, this.#variables, running === null || running.plan.rule === "demo" ? "allowed" : "refused");
    if (!plan.ok) return complain(plan.error, KEEPS_SERVING);
    if (running !== null && isSamePlan(running.plan, plan.value) && servesWithoutRestart(running.file.compiled, file.compiled)) {
      return this.#publish(running, file);
    }
    print(`${routes} uses providers or secrets in a new way: restarting`);
    await this.#restart(file, plan.value);
  }

  /** Restarts with the env file as it is now, unless something would be missing. */
  async variablesChanged(): Promise<void> {
    const { routes, envFile, shell } = this.#settings;
    const variables = await settled({
      read: () => readVariables(envFile, shell),
      isWhole: (next) => next.ok && Object.keys(this.#variables).every((name) => Object.hasOwn(next.value, name)),
      wait: this.#wait,
    });
    if (!variables.ok) return complain([variables.error], "still running with the previous variables");
    if (JSON.stringify(variables.value) === JSON.stringify(this.#variables)) return;
    const file = await this.#editedRoutes();
    if (!file.ok) return complain(problemLines(file.error, routes), KEEPS_SERVING);
    const plan = this.#plan(file.value, variables.value, "allowed");
    if (!plan.ok) return complain(plan.error, "still running with the previous variables");
    this.#variables = variables.value;
    this.#seenToml = file.value.toml;
    print(`${envFile.path} changed: restarting`);
    await this.#restart(file.value, plan.value);
  }

  /** The file as it was edited. One with less in it than what serves may be half of a file that is being written. */
  async #editedRoutes(): Promise<Result<RoutesFile, readonly Problem[]>> {
    const { routes } = this.#settings;
    const compiled = (text: Result<string, Unreadable>) => compileRoutesFile(routes, text, { localDevelopment: true });
    const isWhole = (text: Result<string, Unreadable>): boolean => {
      const file = compiled(text);
      return file.ok && (this.#served === null || hasAsMuch(file.value.compiled, this.#served));
    };
    return compiled(await settled({ read: () => readText(routes), isWhole, wait: this.#wait }));
  }

  readonly #wait = (ms: number): Promise<void> => sleep(ms, undefined, { signal: this.#settings.signal });

  #plan(file: RoutesFile, variables: Variables, demo: StartOptions["demo"]): ReturnType<typeof planStart> {
    return planStart(file, variables, { simulate: this.#settings.simulate, envFile: this.#settings.envFile.path, demo });
  }

  async #restart(file: RoutesFile, plan: StartPlan): Promise<void> {
    // Two on one state folder would lock each other out.
    await this.stop();
    await this.#run(file, plan);
    print(...this.#notices(file, plan));
    print(`${paint("green", "Serving")} ${file.path} again on http://localhost:${this.#settings.port}`);
  }

  async #run(file: RoutesFile, plan: StartPlan): Promise<void> {
    const { port, persistTo, shell, signal } = this.#settings;
    const running = await startGateway({ file, plan, variables: this.#variables, port, persistTo, signal }, shell);
    this.#running = running;
    const { version, replaced } = await publishOver(running.client, file.toml);
    if (replaced.source === "published" && replaced.version !== version && replaced.version !== this.#version) {
      const by = replaced.author === null ? "" : ` by ${replaced.author}`;
      print(`Serving ${file.path} in place of ${replaced.version.slice(0, 8)}, published ${replaced.published_at ?? ""}${by}`, "");
    }
    this.#served = file.compiled;
    this.#version = version;
    running.process.showOutput((line) => print(paint("dim", line)));
    void running.process.exited.then(() => {
      if (this.#running === running) this.#gatewayEnded();
    });
    void this.#followRequests(running);
  }

  /** Shows each request of a gateway until it is stopped. The connection that tells of them tells, too, when the gateway is lost without wrangler's noticing. */
  async #followRequests(running: RunningGateway): Promise<void> {
    const { quiet, signal } = this.#settings;
    while (this.#running === running) {
      await showRequests(running.client, { show: quiet ? () => undefined : print });
      if (this.#running !== running || (await stillAnswers(running.port, signal))) continue;
      this.#isLost = true;
      return this.#gatewayEnded();
    }
  }

  async #publish(running: RunningGateway, file: RoutesFile): Promise<void> {
    try {
      const { version, replaced } = await publishOver(running.client, file.toml);
      const over =
        replaced.version === this.#version ? "" : `, in place of ${replaced.version.slice(0, 8)} by ${replaced.author ?? "somebody else"}`;
      this.#served = file.compiled;
      this.#version = version;
      print(`${paint("green", "Published")} ${file.path} as ${version.slice(0, 8)}${over}`);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      complain([error.message], KEEPS_SERVING);
    }
  }

  #introduce(file: RoutesFile, plan: StartPlan): void {
    const url = `http://localhost:${this.#settings.port}`;
    const { compiled } = file;
    const { simulated } = plan;
    const example = exampleCall({ compiled, url, simulated, gatewayKey: plan.open ? null : this.#gatewayKey(file) });
    print(...routingSummary(compiled, simulated), "", ...this.#notices(file, plan), "");
    if (example !== null) print(`Try:        ${example}`);
    print(`Dashboard:  ${url}/`, "", `Ready on ${url}`);
  }

  #gatewayKey({ compiled }: RoutesFile): KeyPlace | null {
    const { shell, envFile } = this.#settings;
    const name = gatewayKeysOf(compiled).find((key) => isSet(this.#variables, key.name))?.name;
    if (name === undefined) return compiled.issued === true ? { name: ISSUED_KEY, envFile: undefined } : null;
    return { name, envFile: isSet(shell, name) ? undefined : envFile.path };
  }

  #notices({ compiled }: RoutesFile, plan: StartPlan): readonly string[] {
    return notices({ compiled, plan, variables: this.#variables, envFile: this.#settings.envFile.path });
  }

  /** The files that the session follows. */
  watched(): { readonly routes: string; readonly variables: string } {
    return { routes: resolve(this.#settings.routes), variables: resolve(this.#settings.envFile.path) };
  }
}

function hasAsMuch(next: CompiledConfig, served: CompiledConfig): boolean {
  return next.providers.length >= served.providers.length && next.routes.length >= served.routes.length;
}

function complain(lines: readonly string[], consequence: string): void {
  printError(...lines.map((line) => paintError("red", line)), consequence);
}
