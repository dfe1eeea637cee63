import { upstreamUrl } from "./upstream-url.js";

/** Reads and JSON-parses the body first, as whoever decides by its `model` must. */
export default {
  async fetch(request, env) {
    const body = await request.text();
    const { model } = JSON.parse(body);
    if (typeof model !== "string") return new Response("no model", { status: 400 });
    return fetch(upstreamUrl(request, env), { method: request.method, headers: request.headers, body });
  },
};
