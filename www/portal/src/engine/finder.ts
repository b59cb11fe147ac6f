/** Where a value stands. */
export interface Found {
  offset: number;
  length: number;
  /** 1-based. */
  line: number;
  /** 1-based, in bytes. */
  column: number;
}

/** Finds a value in a body that comes piece by piece. */
export interface Finder {
  /** Takes the next piece, and gives the place once it is known. */
  feed(bytes: Uint8Array): Found | null;
}
