/** What stands where a figure is not known. */
export const NONE = "–";

const GROUPED = new Intl.NumberFormat("en-US");
const COMPACT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** `812 ms`, `1.24 s`, `2 min 5 s` */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return NONE;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `12,345` */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : GROUPED.format(value);
}

/** `12.3K` above 100,000, all digits below. */
export function shortCount(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  return value < 100_000 ? GROUPED.format(value) : COMPACT.format(value);
}

/** `$0.00012`: two digits after the point, or two that say something. */
export function usd(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  if (value === 0) return "$0";
  if (value < 0.000_001) return "< $0.000001";
  if (value >= 1) return `$${value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  return `$${value.toLocaleString("en-US", { maximumSignificantDigits: 2, maximumFractionDigits: 8 })}`;
}

/** 0.0345 is `3.5 %`. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined) return NONE;
  const value = share * 100;
  return `${value === 0 || value === 100 ? value : value.toFixed(1)} %`;
}

/** `210 B`, `12.3 KiB`, `4.0 MiB` */
export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  return value < 1_048_576 ? `${(value / 1024).toFixed(1)} KiB` : `${(value / 1_048_576).toFixed(1)} MiB`;
}
