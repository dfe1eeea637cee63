/** Where a contender's request goes: the upstream in `env.UPSTREAM`, the caller's path. */
export function upstreamUrl(request, env) {
  return env.UPSTREAM + new URL(request.url).pathname;
}
