import type { Pointer } from "./config-keys.ts";

/** The file that this Worker was deployed with. */
export interface Deploy {
  readonly project: string;
  readonly version: string;
  /** The document as it would stand in KV. */
  readonly text: string;
  /** ms since the epoch; `null`: not known, or `to11 dev`, which publishes by itself. */
  readonly builtAtMs: number | null;
}

/** Asks the authority whether a deploy's file is a publication of its own; answers with what serves, `null`: nothing was published. */
export type SettleDeploy = (deploy: Deploy & { readonly builtAtMs: number }) => Promise<Pointer | null>;

/**
 * What was deployed last serves: a file that was built after the last publication, and differs from it, is one itself. The pointer in KV mostly tells; where
 * it does not, the authority is asked, and each isolate asks once.
 */
export class DeployedFile {
  readonly #deploy: Deploy;
  readonly #settle: SettleDeploy;
  #isSettled = false;
  #fault: string | undefined;

  constructor(deploy: Deploy, settle: SettleDeploy) {
    this.#deploy = deploy;
    this.#settle = settle;
  }

  /** What serves a project, where KV points to this. Never rejects: as long as the authority cannot be asked, KV is believed. */
  async over(project: string, pointer: Pointer): Promise<Pointer> {
    const { builtAtMs, ...deploy } = this.#deploy;
    if (this.#isSettled || builtAtMs === null || project !== deploy.project) return pointer;
    if (pointer.version === deploy.version || builtAtMs <= (pointer.publishedAtMs ?? -Infinity)) {
      this.#isSettled = true;
      return pointer;
    }
    try {
      const settled = await this.#settle({ ...deploy, builtAtMs });
      this.#isSettled = true;
      this.#fault = undefined;
      return settled ?? pointer;
    } catch {
      this.#fault = `project ${project}: whether the file of this deploy serves, or what was published before it, could not be settled yet`;
      return pointer;
    }
  }

  /** Why it is not known yet. */
  fault(): string | undefined {
    return this.#fault;
  }
}
