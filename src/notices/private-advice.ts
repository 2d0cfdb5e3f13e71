/** What an owner can do where a receiver is refused because of where it is. */
export const PRIVATE_ADVICE =
  "NOTICES_PRIVATE_ADDRESSES=on allows it (in the dashboard: “Private addresses”).";
