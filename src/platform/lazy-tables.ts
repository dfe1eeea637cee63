/** The tables of an object, made at its first write: looking into an object that holds nothing stores nothing. */
export class LazyTables {
  readonly #sql: SqlStorage;
  readonly #definition: { readonly table: string; readonly statements: string };
  #exist: boolean | undefined;

  /** `table`: one of those that `statements` create. */
  constructor(sql: SqlStorage, definition: { readonly table: string; readonly statements: string }) {
    this.#sql = sql;
    this.#definition = definition;
  }

  /** Whether anything was ever written. */
  exist(): boolean {
    this.#exist ??= this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = ?", this.#definition.table).toArray().length > 0;
    return this.#exist;
  }

  /** Makes them unless they exist. */
  create(): void {
    if (this.exist()) return;
    this.#sql.exec(this.#definition.statements);
    this.#exist = true;
  }

  /** To be called after `deleteAll`, and after a transaction that was undone: what exists is looked up again. */
  forget(): void {
    this.#exist = undefined;
  }
}
