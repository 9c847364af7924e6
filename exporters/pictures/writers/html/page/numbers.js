// Figures as people read them.

const STEPS = [["T", 1e12], ["G", 1e9], ["M", 1e6], ["k", 1e3]];
const BINARY = [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]];
const threeDigits = (n) => String(Number(n.toPrecision(3)));

/** Return a value with its unit, to three digits. */
export function figure(value, metric) {
  if (value === null || value === undefined) return "unknown";
  if (metric.unit === "B") {
    for (const [unit, size] of BINARY) if (value >= size) return `${threeDigits(value / size)} ${unit}`;
    return `${value} B`;
  }
  const unit = metric.unit ? ` ${metric.unit}` : "";
  for (const [prefix, size] of STEPS) {
    if (Math.abs(value) >= size) return `${threeDigits(value / size)} ${prefix}${unit}`.replace("  ", " ").trim();
  }
  return `${Number.isInteger(value) ? value : threeDigits(value)}${unit}`;
}

/** Return a value with all its digits. */
export function exact(value) {
  return value === null || value === undefined ? "unknown" : value.toLocaleString("en-US");
}

/** Return a value with all its digits and its unit. */
export function withUnit(value, metric) {
  return value === null || value === undefined ? "unknown" : `${exact(value)} ${metric.unit}`.trim();
}
