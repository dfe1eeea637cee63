/**
 * The header by which a request shows the local gateway that it came through the door of `to11 dev`, with its Host as the caller sent it. Wrangler's and
 * miniflare's own servers, which stand between, believe headers of anybody about the address that was asked for.
 */
export const DEV_PROOF_HEADER = "x-to11-dev-proof";
