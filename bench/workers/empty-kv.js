/** A KV namespace in which nothing was published: the gateway serves the configuration it was deployed with. */
export default {
  fetch: () => new Response(null, { status: 404 }),
};
