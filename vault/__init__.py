"""What rests encrypted: sealed blobs by purpose; opening one is a recorded act (O-9, J-5.2)."""
