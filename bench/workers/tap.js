import parseForward from "./parse-forward.js";

/** parse-forward with the answer's stream through a TransformStream of JavaScript that only counts. */
export default {
  async fetch(request, env) {
    const response = await parseForward.fetch(request, env);
    let bytes = 0;
    const counter = new TransformStream({
      transform(chunk, controller) {
        bytes += chunk.length;
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(counter), response);
  },
};
