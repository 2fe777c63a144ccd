/** One value with its bits, and what each recipe makes of it. */
import { formatExact } from "../../charts/numbers.ts";
import { Arithmetic } from "./Arithmetic.tsx";
import { Float32Bits } from "./Bits.tsx";
import type { InspectorProps } from "./Inspector.tsx";

export function Spelled({ a, b, recipeA, recipeB }: Pick<InspectorProps, "a" | "b" | "recipeA" | "recipeB">) {
  const one = a ?? b;
  if (!one) return null;
  return (
    <>
      <p className="m-0 flex flex-wrap items-baseline gap-x-1.5 text-[11px]">
        <span className="text-muted">value</span>
        <strong className="font-semibold">{formatExact(one.x)}</strong>
        <Float32Bits bits={one.xBits} />
      </p>
      <div className="grid grid-cols-1 gap-x-2.5 gap-y-2 @2xs:grid-cols-2">
        <Arithmetic side="a" recipe={recipeA} inspection={a} />
        <Arithmetic side="b" recipe={recipeB} inspection={b} />
      </div>
    </>
  );
}
