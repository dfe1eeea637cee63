import { expect, test } from "vitest";
import { openApiDocument } from "../../../../src/web/api/openapi.ts";
import { API_ROUTES } from "../../../../src/web/api/routes.ts";

test("the OpenAPI document describes every call with its shapes", () => {
  const text = JSON.stringify(openApiDocument(API_ROUTES));
  const { openapi, paths } = JSON.parse(text) as { openapi: string; paths: Record<string, Record<string, unknown>> };
  expect(openapi).toBe("3.1.0");
  const documented = Object.entries(paths).flatMap(([path, calls]) =>
    Object.keys(calls).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(documented.toSorted()).toEqual(API_ROUTES.map(({ method, path }) => `${method} /api${path}`).toSorted());
  expect(text).toContain('"next_cursor"');
});
