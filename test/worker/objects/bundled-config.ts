import { compile } from "../../../src/config/compile.ts";
import { documentVersion, writeDocument } from "../../../src/config/document.ts";
import { BUNDLED_TOML } from "./routes.ts";

const compiled = compile(BUNDLED_TOML, { localDevelopment: false });
if (!compiled.ok) throw new Error(compiled.error.map(({ message }) => message).join("\n"));

/** Stands in for what `to11 build` makes of routes.toml. */
export const document = writeDocument(BUNDLED_TOML, compiled.value.compiled);
export const version = await documentVersion(document);
export const builtAtMs = null;
