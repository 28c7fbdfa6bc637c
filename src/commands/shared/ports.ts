import { errorCode } from '../../engine/node-errors.ts';
import { Problem } from '../../engine/problem.ts';

/** @throws Problem when the text is no port; 0 stands for any that is free */
export const readPort = (text: string, flag = 'port'): number => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535)
    throw new Problem('cli.port', 'usage', `--${flag} is a number from 0 to 65535, not ${JSON.stringify(text)}`);
  return port;
};

/** A port that is taken, said so that the reader knows what to do; any other failure as it is. */
export const listenProblem = (error: unknown, port: number): unknown => {
  const code = errorCode(error);
  if (code === 'EADDRINUSE')
    return new Problem('cli.portInUse', 'usage', `port ${port} is in use`, {
      cause: error,
      hint: 'choose another one with --port, or --port 0 for any that is free',
    });
  if (code === 'EACCES')
    return new Problem('cli.portDenied', 'denied', `port ${port} may not be used by this user`, {
      cause: error,
      hint: 'ports below 1024 belong to the system; choose another one with --port',
    });
  if (code === 'EADDRNOTAVAIL')
    return new Problem('cli.address', 'usage', 'the address to listen on is not one of this machine', { cause: error });
  return error;
};
