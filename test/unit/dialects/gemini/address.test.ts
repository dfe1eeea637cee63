import { expect, test } from "vitest";
import { geminiAddress } from "../../../../src/dialects/gemini/address.ts";

const URL_OF_MODELS = "https://generativelanguage.googleapis.com/v1beta/models";
const CALLED = `${URL_OF_MODELS}/{model}:generateContent`;

test.each([
  ["gemini-3-flash", "gemini-3-flash"],
  ["models/gemini-3-flash", "gemini-3-flash"],
  ["{model}", "%7Bmodel%7D"],
  ["$&$1", "%24%26%241"],
  ["a/b", "a%2Fb"],
  ["../../v1/files", "..%2F..%2Fv1%2Ffiles"],
  ["..", ".."],
  ["models/..", ".."],
  ["a?key=b#c", "a%3Fkey%3Db%23c"],
  ["a:countTokens", "a%3AcountTokens"],
  ["日", "%E6%97%A5"],
  ["\ud800", "%EF%BF%BD"],
])("the model %j is one segment of the path", (model, segment) => {
  const whole = geminiAddress(CALLED, { model, wanted: "whole" });
  expect(whole).toBe(`${URL_OF_MODELS}/${segment}:generateContent`);
  const stream = geminiAddress(CALLED, { model, wanted: "stream" });
  expect(stream).toBe(`${URL_OF_MODELS}/${segment}:streamGenerateContent?alt=sse`);
  for (const url of [whole, stream]) {
    expect(new URL(url).pathname.split("/")).toHaveLength(4);
    expect(new URL(url).href).toBe(url);
  }
});

test("the provider's own parameters stay", () => {
  expect(geminiAddress(`${CALLED}?a=1&b=2`, { model: "m", wanted: "stream" })).toBe(
    `${URL_OF_MODELS}/m:streamGenerateContent?alt=sse&a=1&b=2`,
  );
  expect(geminiAddress(`${CALLED}?a=1`, { model: "m", wanted: "whole" })).toBe(`${URL_OF_MODELS}/m:generateContent?a=1`);
});
