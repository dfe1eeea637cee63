import type { Endpoint } from "../endpoint.ts";
import { fail, type Result } from "../result.ts";
import type { BodyFault } from "./body-fault.ts";
import { contentTypeFault } from "./content-type.ts";
import { readJsonBody, type ReadBody } from "./model-splice.ts";
import { readMultipartBody } from "./multipart.ts";

/**
 * Reads a request's body in the form that its path has: what the gateway routes by is what an upstream will read, or it is refused. A JSON path reads JSON
 * under whatever type.
 */
export function readBody(form: Endpoint["requestBody"], bytes: Uint8Array, contentType: string): Result<ReadBody, BodyFault> {
  const fault = contentTypeFault(contentType);
  if (fault !== undefined) return fail(fault);
  return form === "json" ? readJsonBody(bytes) : readMultipartBody(bytes, contentType);
}
