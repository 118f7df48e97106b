/** Port that the runner listens on, in a container and outside, if nobody told it otherwise. */
export const DEFAULT_PORT = 8477;
