import { upstreamUrl } from "./upstream-url.js";

/** The floor: passes the request on, its body as a stream, and the answer back. */
export default {
  fetch(request, env) {
    return fetch(upstreamUrl(request, env), { method: request.method, headers: request.headers, body: request.body });
  },
};
