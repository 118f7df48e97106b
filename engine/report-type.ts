export const REPORT_TYPES = ['all', 'final'] as const;
/** The OTPIQ reports to receive: `final` leaves out `sent`. */
export type ReportType = (typeof REPORT_TYPES)[number];

/** A secret that is sent in a header unchanged (RFC 9110 §5.5), without white space at its ends. */
export const HEADER_SECRET = /^[\x21-\x7e]+$/;
