/** How much to say: the levels that help names. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
