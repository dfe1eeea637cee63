/** Miniflare asks for it only where a Worker transforms images. */
export default function sharp() {
  throw new Error("sharp is not installed; package.json's overrides say why");
}
