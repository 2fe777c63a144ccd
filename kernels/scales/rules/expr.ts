import { evaluateExpression, readExpression, VARIABLES } from "../../grammar/expression.ts";
import { mean } from "./clip.ts";
import { scaleRule } from "./scale-rule.ts";

const STATISTICS = `
def of_block(v, qmax):
    """What an expression speaks of; a block without finite values has zeros."""
    n = np.float64(len(v))
    if not len(v):
        return n, n, n, n, n, n, np.float64(qmax)
    v = v.astype(np.float64)
    squares = np.cumsum(v * v)[-1] / n
    return np.abs(v).max(), v.min(), v.max(), np.cumsum(v)[-1] / n, np.sqrt(squares), n, np.float64(qmax)


def positive(s):
    return float(s) if s > 0 and s < np.inf else 0.0
`;

/** The scale as the reader's own expression; what is not finite and above zero leaves a dead block. */
export const expr = scaleRule({
  entry: {
    name: "expr",
    describe: "scale by an expression over amax, min, max, mean, rms, n, qmax",
    params: [
      {
        key: "of",
        kind: "expression",
        words: VARIABLES,
        positional: true,
        describe: "the scale: + - * / sqrt, as amax/6*1.03",
      },
    ],
  },
  takes: { symmetric: true, affine: false, signed: false, scales: false },
  plan(args, { divisor }) {
    const text = args.word("of")!;
    const { tree } = readExpression(text);
    return {
      params: { of: text, qmax: divisor },
      over: 1,
      finding: {
        kind: "clip",
        of(values) {
          let [min, max] = values.length > 0 ? [values[0], values[0]] : [0, 0];
          for (const x of values) {
            if (x < min) min = x;
            if (x > max) max = x;
          }
          const scale = evaluateExpression(tree, {
            ...{ amax: Math.max(-min, max), min, max, n: values.length, qmax: divisor },
            ...{ mean: mean(values, (x) => x), rms: Math.sqrt(mean(values, (x) => x * x)) },
          });
          return [0, scale > 0 && scale < Infinity ? scale : 0];
        },
        python: (number) => ({
          functions: [STATISTICS],
          clip: `(0.0, positive((lambda ${VARIABLES.join(", ")}: ${text.replaceAll("sqrt", "np.sqrt")})(*of_block(v, ${number(divisor)}))))`,
        }),
      },
      exponent: null,
    };
  },
  remark: () => "an expression that is not finite and above zero leaves its block dead",
});
