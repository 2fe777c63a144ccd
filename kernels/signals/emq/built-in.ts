/**
 * Proxies from the literature, as formulas. As the paper compares them, a layer's value is multiplied by its bits; HAWQ-V2 has the
 * square of the step instead, and so has one of outputs.
 */
import { type ProxyFormula, parseProxy } from "./expression.ts";

export interface BuiltIn {
  name: string;
  says: string;
  proxy: ProxyFormula;
}

const builtIn = (name: string, text: string, says: string): BuiltIn => ({ name, says, proxy: parseProxy(text) });

export const builtIns: readonly BuiltIn[] = [
  builtIn("size", "bits(size)", "bits of the model: nothing of its values"),
  builtIn("norm", "bits(mul(size,mean(square(W))))", "energy of the weights"),
  builtIn("synflow", "bits(mul(size,mean(abs(W))))", "synaptic flow of each layer by itself: the sum of |w|"),
  builtIn("snip", "bits(mul(size,mean(abs(mul(W,G)))))", "SNIP: the sum of |w g|"),
  builtIn("gradient norm", "bits(mul(sqrt(size),rms(G)))", "norm of the gradients"),
  builtIn("fisher", "bits(mul(size,mean(square(G))))", "trace of the empirical Fisher matrix"),
  builtIn("trace", "bits(mean(H))", "mean of the Hessian's diagonal (HAWQ-V2's average trace)"),
  builtIn("obd", "bits(mul(size,mean(mul(H,square(W)))))", "saliency of optimal brain damage: the sum of h w^2"),
  builtIn("wanda", "bits(mul(size,mean(mul(abs(W),A))))", "the sum of |w| times the RMS of its input"),
  builtIn(
    "hawq-v2",
    "noise(mul(size,mul(mean(H),mean(square(W)))))",
    "average trace times what a step in proportion to the weights perturbs",
  ),
  builtIn(
    "output noise",
    "noise(mul(size,mul(mean(square(A)),mean(square(W)))))",
    "energy of the inputs times what a step in proportion to the weights perturbs",
  ),
];
