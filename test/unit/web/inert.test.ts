import { describe, expect, test } from "vitest";
import { inertType } from "../../../src/web/inert.ts";

describe("a type that a browser would run is sent as plain text", () => {
  test.each([
    "text/html",
    "TEXT/HTML; charset=utf-8",
    " text/html ;charset=utf-8",
    "application/xhtml+xml",
    "image/svg+xml",
    "application/atom+xml; charset=utf-8",
    "application/vnd.mozilla.xul+xml",
    "text/xml",
    "application/xml;q=1",
    "text/xsl",
    "text/javascript",
    "application/javascript; charset=utf-8",
    "application/x-javascript",
    "text/ecmascript",
    "text/javascript1.5",
    "text/jscript",
    "text/livescript",
    "text/css",
    "multipart/x-mixed-replace; boundary=x",
    "message/rfc822",
    "application/json, text/html",
    "text/plain,text/html",
  ])("%j", (type) => {
    expect(inertType(type)).toBe("text/plain; charset=utf-8");
  });
});

describe("a type that is none, of which a browser would make its own guess, is sent as bytes", () => {
  test.each([undefined, "", " ", "html", "text", "/html", "text/", "*/*", "unknown/unknown", "application/unknown", "<html>"])(
    "%j",
    (type) => {
      expect(inertType(type)).toBe("application/octet-stream");
    },
  );
});

describe("any other passes as it is", () => {
  test.each([
    "application/json",
    "application/json; charset=utf-8",
    "application/problem+json",
    "application/x-ndjson",
    "text/event-stream",
    "text/event-stream; charset=utf-8",
    "text/plain",
    "text/plain; charset=iso-8859-1",
    "text/vtt",
    "text/srt",
    "application/x-subrip",
    "audio/mpeg",
    "audio/wav",
    "audio/L16; rate=24000",
    "audio/ogg; codecs=opus",
    "image/png",
    "image/webp",
    "video/mp4",
    "application/octet-stream",
    "application/pdf",
    "application/xmlrpc-not",
    "text/markdown; variant=html",
  ])("%j", (type) => {
    expect(inertType(type)).toBe(type);
  });
});
