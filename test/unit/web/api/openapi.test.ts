import { expect, test } from "vitest";
import { openApiDocument } from "../../../../src/web/api/openapi.ts";
import { API_ROUTES } from "../../../../src/web/api/routes.ts";

test("openapi.json is what the schemas say: vitest run -u writes it anew", async () => {
  const document = `${JSON.stringify(openApiDocument(API_ROUTES), null, 2)}\n`;
  await expect(document).toMatchFileSnapshot("../../../../src/web/api/openapi.json");
});
