/** Where our core answers otherwise than the recorded stock core, on purpose: our status, and why. */
export const differences: Readonly<Record<string, { readonly status: number; readonly why: string }>> = {};
