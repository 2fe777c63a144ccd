/** Logs as `kl_divergence` and `perplexity` of llama-perplexity print them. */
import { describe, expect, it } from "vitest";
import { readPerplexityLog } from "./perplexity-log.ts";

const loaded = (
  name: string,
  bits: string,
) => `llama_model_loader: loaded meta data with 29 key-value pairs and 291 tensors from ${name} (version GGUF V3 (latest))
print_info: file type   = Q4_K - Medium
print_info: file size   = 4.58 GiB (${bits} BPW) 
`;

const kl = `${loaded("model-mix.gguf", "4.89")}
kl_divergence: 0.52 seconds per pass - ETA 0.03 minutes

chunk             PPL               ln(PPL(Q)/PPL(base))          KL Divergence              Δp RMS            Same top p
   1       6.4482 ±    1.4310       0.00744 ±    0.01207       0.00909 ±    0.00123     2.563 ±  0.333 %    94.118 ±  1.476 %

chunk             PPL               ln(PPL(Q)/PPL(base))          KL Divergence              Δp RMS            Same top p
   2       7.1001 ±    0.9912       0.00800 ±    0.00907       0.00951 ±    0.00093     2.601 ±  0.233 %    93.900 ±  1.076 %

====== Perplexity statistics ======
Mean PPL(Q)                   :   7.100123 ±   0.991234
Mean PPL(base)                :   7.043210 ±   0.980001
Cor(ln(PPL(Q)), ln(PPL(base))):  99.35%
Mean ln(PPL(Q)/PPL(base))     :   0.008048 ±   0.009071
Mean PPL(Q)/PPL(base)         :   1.008081 ±   0.009144
Mean PPL(Q)-PPL(base)         :   0.056913 ±   0.064001

====== KL divergence statistics ======
Mean    KLD:   0.009512 ±   0.000931
Maximum KLD:   0.551234
99.9%   KLD:   0.412345
99.0%   KLD:   0.101234
95.0%   KLD:   0.034567
90.0%   KLD:   0.021234
Median  KLD:   0.003456
10.0%   KLD:   0.000123
 5.0%   KLD:   0.000034
 1.0%   KLD:   0.000001
 0.1%   KLD:  -0.000004
Minimum KLD:  -0.000012

====== Token probability statistics ======
Mean    Δp: -0.123 ± 0.112 %
Maximum Δp: 19.123%
99.9%   Δp: 17.012%
Median  Δp: -0.001%
Minimum Δp: -31.234%
RMS Δp    :  2.601 ± 0.233 %
Same top p: 93.900 ± 1.076 %
`;

const plain = `${loaded("model-q8_0.gguf", "8.50")}
perplexity: tokenizing the input ..
perplexity: calculating perplexity over 2 chunks, n_ctx=512, batch_size=2048, n_seq=4
perplexity: 0.50 seconds per pass - ETA 0.02 minutes
[1]4.8223,[2]5.3104,
Final estimate: PPL = 5.3104 +/- 0.21034

llama_perf_context_print:        load time =     812.34 ms
`;

describe("a log of --kl-divergence", () => {
  it("is the run's figures with their errors", () => {
    const [run, ...others] = readPerplexityLog(kl);
    expect(others).toEqual([]);
    expect(run).toMatchObject({
      model: "model-mix.gguf",
      bitsPerWeight: 4.89,
      perplexity: { value: 7.100123, error: 0.991234 },
    });
    expect(run.against).toEqual({
      kl: { value: 0.009512, error: 0.000931 },
      klAt: {
        ...{ "0": -0.000012, "0.1": -0.000004, "1": 0.000001, "5": 0.000034, "10": 0.000123, "50": 0.003456 },
        ...{ "90": 0.021234, "95": 0.034567, "99": 0.101234, "99.9": 0.412345, "100": 0.551234 },
      },
      topOne: { value: expect.closeTo(0.939, 12), error: expect.closeTo(0.01076, 10) },
      basePerplexity: { value: 7.04321, error: 0.980001 },
      ratio: { value: 1.008081, error: 0.009144 },
    });
  });

  it("is read with times and colours before its lines, and other line ends", () => {
    const green = String.fromCharCode(27);
    const dressed = kl
      .split("\n")
      .map((line) => `0.12.345.678 I ${green}[32m${line}${green}[0m`)
      .join("\r\n");
    // Colours stand behind the time.
    expect(readPerplexityLog(dressed)).toEqual(readPerplexityLog(kl));
  });
});

it("has all runs of a log", () => {
  const runs = readPerplexityLog(plain + kl);
  expect(runs.map(({ model, against }) => [model, against === null])).toEqual([
    ["model-q8_0.gguf", true],
    ["model-mix.gguf", false],
  ]);
  expect(runs[0]).toMatchObject({
    chunks: 2,
    context: 512,
    perplexity: { value: 5.3104, error: 0.21034 },
    bitsPerWeight: 8.5,
  });
});

describe("is refused", () => {
  const until = (text: string, mark: string) => text.slice(0, text.indexOf(mark));
  it.each([
    [
      "cut off between chunks",
      until(kl, "====== Perplexity"),
      /The run of model-mix\.gguf ends after 2 chunks, without its statistics/,
    ],
    ["cut off in the statistics", until(kl, "Same top p:"), /in the middle of its statistics/],
    [
      "stopped before its estimate",
      until(plain, "Final"),
      /The run of model-q8_0\.gguf ends before its final estimate/,
    ],
    ["cut off, with another run behind it", until(kl, "90.0%") + plain, /in the middle of its statistics/],
    ["without a line in the middle", kl.replace(/^Median {2}KLD.*\n/m, ""), /The statistics lack "Median KLD"/],
    ["of a model that broke", kl.replace("0.009512 ±   0.000931", "nan ±        nan"), /Mean KLD is nan in this log/],
    ["of another program", "step 1 loss 2.3\nperplexity 5.3\n", /no figures of llama-perplexity/],
    ["empty", "", /no figures of llama-perplexity/],
  ])("%s", (_, text, message) => {
    expect(() => readPerplexityLog(text)).toThrow(message);
  });
});
