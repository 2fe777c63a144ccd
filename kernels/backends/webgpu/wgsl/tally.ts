/**
 * Counters of a workgroup, two in a word: a workgroup sees far fewer than 2^16 elements. Software adapters compile a
 * store for every word of workgroup memory, so fewer words start sooner.
 */
export const tallyWgsl = (counters: number) => /* wgsl */ `
var<workgroup> tally: array<atomic<u32>, ${counters / 2}>;

fn add_up(k: u32, n: u32) { atomicAdd(&tally[k / 2u], n << (16u * (k % 2u))); }

fn count_up(k: u32) { add_up(k, 1u); }

fn counted(k: u32) -> u32 { return (atomicLoad(&tally[k / 2u]) >> (16u * (k % 2u))) & 0xffffu; }
`;
