import { RecipeError } from "../../grammar/errors.ts";
import { type SharedExponentWay, sharedExponent } from "../shared-exponent.ts";
import { scaleRule } from "./scale-rule.ts";

/** The shared exponent of the OCP Microscaling Formats (MX) specification 1.0, and of what libraries made of it. */
export const mx = scaleRule({
  entry: {
    name: "mx",
    describe: "power of two from the exponent of amax less that of the format's largest value (OCP MX)",
    params: [
      {
        key: "how",
        kind: "word",
        words: ["floor", "ceil", "even", "rceil"],
        default: "floor",
        positional: true,
        always: true,
        describe: "how the mantissa of amax is rounded away",
      },
    ],
  },
  takes: { symmetric: true, affine: false, signed: false, scales: true },
  plan(args, { ladder, divisor }) {
    if (ladder.format.kind === "codebook") throw new RecipeError("~mx is for floats and integers");
    const how = (args.word("how") ?? "floor") as SharedExponentWay;
    return { params: { how }, finding: { kind: "extent" }, exponent: sharedExponent(how, ladder, divisor) };
  },
  respelled: (args) => (args.word("how") === "rceil" ? { name: "rceil", args: [] } : null),
  remark: (args) =>
    args.word("how") === "ceil"
      ? null
      : "values of up to twice the largest level's power of two are brought into range: those beyond that level saturate by design",
  offers: ["mx(floor)", "mx(even)"],
});
