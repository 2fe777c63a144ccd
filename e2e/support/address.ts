/** Where the tested page is served: under a sub-path, as on a project page of a static host. */
export const pageAddress = new URL(`http://127.0.0.1:${process.env.E2E_PORT ?? 4173}/some/sub-path/`);
