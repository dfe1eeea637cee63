import { describe, expect, test } from "vitest";
import { contentTypeFault, saysJson } from "../../../../src/core/body/content-type.ts";

describe("a content type that lets an upstream read the same", () => {
  test.each([
    "",
    "application/json",
    "application/json; charset=utf-8",
    'Application/JSON;Charset="UTF-8"',
    "application/json; charset=UTF8; charset=us-ascii",
    "application/json; charset=",
    "application/json; charset='utf-8'",
    "text/plain",
    "application/x-www-form-urlencoded",
    'application/json; profile="a, b"',
    "nonsense",
    "multipart/form-data; boundary=XX",
  ])("%j", (contentType) => {
    expect(contentTypeFault(contentType)).toBeUndefined();
  });
});

describe("a content type that would have an upstream read something else", () => {
  test.each([
    ["application/json; charset=utf-16", "other_charset"],
    ["application/json;charset=ISO-8859-1", "other_charset"],
    ['application/json; Charset = "utf-7"', "other_charset"],
    ["application/json; charset=utf-8; charset=utf-16le", "other_charset"],
    ["application/json; charset*=us-ascii'en'utf-16", "other_charset"],
    ["application/json; charset='utf-16'", "other_charset"],
    ["multipart/form-data; boundary=XX; charset=shift_jis", "other_charset"],
    ["application/json, application/json", "two_content_types"],
    ["application/json, text/plain", "two_content_types"],
    ["multipart/form-data; boundary=XX, multipart/form-data; boundary=YY", "two_content_types"],
    ["multipart/form-data; boundary=X,Y", "two_content_types"],
  ])("%j: %s", (contentType, kind) => {
    expect(contentTypeFault(contentType)).toEqual({ kind });
  });
});

test.each([
  ["application/json", true],
  ["APPLICATION/JSON ; charset=utf-8", true],
  ["application/vnd.api+json", true],
  ["", false],
  ["text/json", false],
  ["text/plain;charset=UTF-8", false],
  ["application/x-www-form-urlencoded", false],
  ["application/jsonlines", false],
  ["multipart/form-data; boundary=application/json", false],
])("%j says JSON: %s", (contentType, expected) => {
  expect(saysJson(contentType)).toBe(expected);
});
