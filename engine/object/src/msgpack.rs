//! MessagePack in and out.
