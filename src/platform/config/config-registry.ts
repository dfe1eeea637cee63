import { DurableObject } from "cloudflare:workers";
import * as z from "zod/mini";
import { compile } from "../../config/compile.ts";
import { documentVersion, openDocument, writeDocument } from "../../config/document.ts";
import { settlePrices } from "../../config/prices.ts";
import type { Problem } from "../../config/file/problem.ts";
import type { ConfigSource, Publication, PublicationEntry, PublishResult, VersionFault } from "../../web/api/services.ts";
import { type BundledConfig, bundledConfig } from "./bundled.ts";
import { documentKey, type Pointer, pointerKey, writePointer } from "./config-keys.ts";
import { tellGovernors } from "../governor/tell-governors.ts";
import type { Env } from "../env.ts";
import type { PointerMetadata } from "./listed-projects.ts";
import { readPriceTable } from "../assets.ts";
import { type PublicationRow, Publications, type StoredDocument } from "./publications.ts";

/** A new file for a project. */
export interface PublishChange {
  readonly project: string;
  readonly toml: string;
  /** The version that the change was made from, `"none"` for a project without any, `"*"`: whatever serves. */
  readonly ifMatch: string;
  readonly author: string | null;
}

/** An earlier version for a project; it may be shortened. */
export interface RollbackChange extends Omit<PublishChange, "toml"> {
  readonly version: string;
}

/** What serves, with what a check of it says. */
export type CurrentConfig = Publication & { readonly source: ConfigSource; readonly warnings: readonly Problem[] };

/** Bytes of a document at most: a row of an object's SQLite may hold 2 MB. */
const MAX_DOCUMENT_BYTES = 2_000_000;

/** Least and longest wait before KV is written again, ms. In between, the wait is as long as the trouble has lasted. */
const SHORTEST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 300_000;

/** The file of a deploy, compiled. */
export interface DeployedDocument {
  readonly project: string;
  readonly version: string;
  readonly text: string;
  /** ms since the epoch, by the clock of the machine that built it. */
  readonly builtAtMs: number;
}

/** Whom the history names for a deploy that is a publication itself. */
const DEPLOY_AUTHOR = "deploy";

/** A checked document on its way into the history. */
interface Entry extends StoredDocument {
  readonly project: string;
  readonly ifMatch: string;
  readonly author: string | null;
  readonly way: "new" | "rollback";
  readonly warnings: readonly Problem[];
  /** Since when it counts as published, ms since the epoch; left out: now. */
  readonly sinceMs?: number;
}

/**
 * The one authority over what a project publishes, one object per project: it checks, compares, keeps the history, and writes KV, which only
 * distributes. Results are values: whoever calls may be an older or a newer version of the Worker.
 */
export class ConfigRegistry extends DurableObject<Env> {
  readonly #publications = new Publications(this.ctx.storage);
  /** Writes to KV one after the other: an older pointer must not land after a newer one. */
  #distribution: Promise<unknown> = Promise.resolve();

  /** What serves now; `null`: the project has nothing. */
  current(project: string): CurrentConfig | null {
    const row = this.#publications.newest();
    const document = row === undefined ? this.#bundledOf(project) : this.#publications.startingWith(row.version)[0];
    if (document === undefined) return null;
    const publication = publicationOf(document, row);
    return {
      ...publication,
      source: row === undefined ? "bundled" : "published",
      warnings: problemsOf(compile(publication.toml, this.#compileOptions())),
    };
  }

  /** Publishes a file, unless it is wrong or somebody was first. What serves already is not published again. */
  async publish({ project, toml, ifMatch, author }: PublishChange): Promise<PublishResult> {
    const options = await this.#pricedOptions();
    const { prices: table } = options;
    const compiled = compile(toml, options);
    if (!compiled.ok) return { kind: "refused", problems: compiled.error };
    const { compiled: config } = compiled.value;
    if (config.project !== project) return { kind: "refused", problems: [wrongProject(config.project, project)] };
    const warnings = table === undefined ? [...compiled.value.warnings, NO_PRICE_TABLE] : compiled.value.warnings;
    const text = writeDocument(toml, config, table && settlePrices(config, table));
    const bytes = new TextEncoder().encode(text).byteLength;
    if (bytes > MAX_DOCUMENT_BYTES) return { kind: "refused", problems: [tooLarge(bytes)] };
    return this.#enter({ project, version: await documentVersion(text), text, ifMatch, author, way: "new", warnings });
  }

  /** Everything wrong with a file, and every warning. */
  async check(toml: string): Promise<readonly Problem[]> {
    return problemsOf(compile(toml, await this.#pricedOptions()));
  }

  /** The history, newest first. */
  versions(limit: number): readonly PublicationEntry[] {
    const serving = this.#publications.newest();
    return this.#publications.list(limit).map((row) => ({
      version: row.version,
      publishedAtMs: row.published_at,
      author: row.author,
      current: row.seq === serving?.seq,
    }));
  }

  /** One version as it was last published; it may be shortened. */
  version(project: string, prefix: string): Publication | VersionFault {
    const found = this.#find(project, prefix);
    return "kind" in found ? found : publicationOf(found, this.#publications.newestOf(found.version));
  }

  /** Publishes an earlier version again, unless it is wrong by now: a deploy may have changed where secrets may go. */
  async rollback({ project, version, ifMatch, author }: RollbackChange): Promise<PublishResult> {
    const found = this.#find(project, version);
    if ("kind" in found) return found;
    const compiled = compile(tomlOf(found), this.#compileOptions());
    if (!compiled.ok) return { kind: "refused", problems: compiled.error };
    return this.#enter({ ...found, project, ifMatch, author, way: "rollback", warnings: compiled.value.warnings });
  }

  /**
   * Settles whether the file of a deploy, which one of its isolates sees for the first time, is a publication of its own: where it was built after the last
   * one and differs from it. Only once, whatever the clock of the machine that built it says: a rollback by hand stays. What serves then; `null`: nothing was
   * published. The text comes along, as this object may still run the code, and the file, of the deploy before.
   */
  async settleDeploy({ project, version, text, builtAtMs }: DeployedDocument): Promise<Pointer | null> {
    const before = this.#publications.newest();
    if (before === undefined) return null;
    const isNew = this.#publications.noteDeploy(version, builtAtMs) && builtAtMs > before.published_at && version !== before.version;
    const isStorable = new TextEncoder().encode(text).byteLength <= MAX_DOCUMENT_BYTES;
    if (isNew && isStorable) {
      // Since it was built: of two deploys that take turns, the later one wins, whichever is seen first.
      const sinceMs = Math.min(builtAtMs, Date.now());
      await this.#enter({ project, version, text, ifMatch: "*", author: DEPLOY_AUTHOR, way: "new", warnings: [], sinceMs });
    }
    const { version: serving, published_at: publishedAtMs } = this.#publications.newest() ?? before;
    return { version: serving, publishedAtMs };
  }

  /** Writes KV again where that failed. */
  override async alarm(): Promise<void> {
    await this.#distribute();
  }

  async #enter(entry: Entry): Promise<PublishResult> {
    // From the comparison to the new row nothing is awaited: nobody comes between.
    const before = this.#publications.newest();
    if (before?.version === entry.version) {
      // Nothing new, but whoever publishes again may do so because KV was damaged: it is written again.
      this.#publications.markUndistributed(before.seq);
    } else {
      const current = before?.version ?? this.#bundledOf(entry.project)?.version ?? null;
      if (entry.ifMatch !== "*" && entry.ifMatch !== (current ?? "none")) return { kind: "conflict", current };
      const { project, author } = entry;
      const rolledBackFrom = entry.way === "rollback" ? current : null;
      // Clocks of two machines may differ, and isolates tell the later of two pointers by its time.
      const publishedAtMs = Math.max(entry.sinceMs ?? Date.now(), (before?.published_at ?? 0) + 1);
      try {
        this.#publications.add(entry, { project, author, published_at: publishedAtMs, rolled_back_from: rolledBackFrom });
        this.#noteOwnDeploy(project);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        console.error("a configuration could not be stored", { project, version: entry.version, reason });
        return { kind: "not_stored", reason };
      }
    }
    // Before KV is written: should this object stop in between, the alarm goes on.
    await this.ctx.storage.setAlarm(Date.now() + SHORTEST_RETRY_MS);
    const publishedAtMs = this.#publications.newestOf(entry.version)?.published_at ?? Date.now();
    const { version, warnings } = entry;
    return { kind: "published", version, publishedAtMs, distributed: await this.#distribute(), warnings };
  }

  /** What is published under this deploy goes over its file, even where the clock of the machine that built it was ahead. */
  #noteOwnDeploy(project: string): void {
    const bundled = this.#bundledOf(project);
    if (bundled !== undefined && bundled.builtAtMs !== null) this.#publications.noteDeploy(bundled.version, bundled.builtAtMs);
  }

  /** Whether KV holds the newest publication now. */
  #distribute(): Promise<boolean> {
    const turn = this.#distribution.then(() => this.#writeNewest());
    this.#distribution = turn.catch(() => false);
    return turn;
  }

  async #writeNewest(): Promise<boolean> {
    const row = this.#publications.newest();
    if (row === undefined || row.distributed === 1) return true;
    const { project, version, seq } = row;
    const [document] = this.#publications.startingWith(version);
    const text = document?.text ?? "";
    try {
      await this.env.CONFIG.put(documentKey(project, version), text);
      await this.env.CONFIG.put(pointerKey(project), writePointer(version, row.published_at), { metadata: this.#metadataOf(text) });
    } catch (error) {
      console.error("a published configuration could not be written to KV and will be again", { project, version, error: String(error) });
      await this.#tryAgainLater(row);
      return false;
    }
    if (!(await this.#tellGovernors(row, text))) {
      await this.#tryAgainLater(row);
      return true;
    }
    this.#publications.markDistributed(seq);
    if (this.#publications.newest()?.seq === seq) await this.ctx.storage.deleteAlarm();
    return true;
  }

  async #tryAgainLater({ published_at: publishedAtMs }: PublicationRow): Promise<void> {
    const lastedMs = Date.now() - publishedAtMs;
    await this.ctx.storage.setAlarm(Date.now() + Math.min(Math.max(lastedMs, SHORTEST_RETRY_MS), LONGEST_RETRY_MS));
  }

  /** Tells the governors that isolates of this version, or of the one before it, ask. Whether they know now. */
  #tellGovernors({ project, version, published_at: publishedAtMs }: PublicationRow, text: string): Promise<boolean> {
    const [, before] = this.#publications.list(2);
    const textBefore = before === undefined ? this.#bundledOf(project)?.text : this.#publications.startingWith(before.version)[0]?.text;
    return tellGovernors(this.env, { project, version, publishedAtMs }, [text, textBefore ?? ""]);
  }

  #metadataOf(document: string): PointerMetadata {
    const opened = openDocument(document, this.#locality());
    return { open: opened.ok && opened.value.compiled.open, issued: opened.ok && opened.value.compiled.issued === true };
  }

  #find(project: string, prefix: string): StoredDocument | VersionFault {
    const known = new Map(this.#publications.startingWith(prefix).map((document) => [document.version, document]));
    const bundled = this.#bundledOf(project);
    if (bundled?.version.startsWith(prefix) === true) known.set(bundled.version, bundled);
    const [first] = known.values();
    if (first === undefined) return { kind: "unknown_version" };
    return known.size === 1 ? first : { kind: "ambiguous_version" };
  }

  /** The bundled file, if it is this project's. */
  #bundledOf(project: string): BundledConfig | undefined {
    const bundled = bundledConfig(this.#locality());
    return bundled.compiled.project === project ? bundled : undefined;
  }

  #compileOptions(): Parameters<typeof compile>[1] {
    return { ...this.#locality(), pins: bundledConfig(this.#locality()).uses };
  }

  /** The same, with what models cost, where this deploy ships that. */
  async #pricedOptions(): Promise<Parameters<typeof compile>[1]> {
    const prices = await readPriceTable(this.env);
    return { ...this.#compileOptions(), ...(prices === undefined ? {} : { prices }) };
  }

  #locality(): { readonly localDevelopment: boolean } {
    return { localDevelopment: this.env.TO11_DEV !== undefined };
  }
}

const tomlSchema = z.object({ toml: z.string() });

function problemsOf(compiled: ReturnType<typeof compile>): readonly Problem[] {
  return compiled.ok ? compiled.value.warnings : compiled.error;
}

/** The file in a document, of whatever format. */
function tomlOf(document: StoredDocument): string {
  return tomlSchema.parse(JSON.parse(document.text)).toml;
}

function publicationOf(document: StoredDocument, row: PublicationRow | undefined): Publication {
  const { version } = document;
  return { version, publishedAtMs: row?.published_at ?? null, author: row?.author ?? null, toml: tomlOf(document) };
}

const NO_PRICE_TABLE: Problem = {
  severity: "warning",
  path: "",
  line: null,
  column: null,
  message: "this deploy has no price table (prices.json): cost is known only of models with a price of their own",
};

function wrongProject(named: string, asked: string): Problem {
  const message = `this file is for project "${named}", and was sent for project "${asked}"; name that project in the call, or change the id`;
  return { severity: "error", path: "project.id", line: null, column: null, message };
}

function tooLarge(bytes: number): Problem {
  const message = `the compiled configuration takes ${bytes} bytes; at most ${MAX_DOCUMENT_BYTES} can be published`;
  return { severity: "error", path: "", line: null, column: null, message };
}
