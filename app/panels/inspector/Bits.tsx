import { float32Groups } from "./words.ts";

/** The bits of a float32, its sign, exponent and fraction set apart by space and shade. */
export function Float32Bits({ bits }: { bits: string }) {
  const { sign, exponent, fraction } = float32Groups(bits);
  return (
    <span className="font-mono text-[11px] break-all" title="sign, exponent, fraction">
      <span className="sr-only">{`sign ${sign}, exponent ${exponent}, fraction ${fraction}`}</span>
      <span aria-hidden="true">
        <span className="text-bad">{sign}</span> <span className="text-accent">{exponent}</span>{" "}
        <span className="text-muted">{fraction}</span>
      </span>
    </span>
  );
}

/** Bits as a format stores them; spaces between groups are kept. */
export function CodeBits({ bits, code }: { bits: string | null; code: number | null }) {
  if (bits === null) return code === null ? null : <span className="font-mono text-[11px]">{code}</span>;
  return (
    <span className="font-mono text-[11px] break-all" title={code === null ? undefined : `code ${code}`}>
      {bits}
    </span>
  );
}
