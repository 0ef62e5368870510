"""The emulator's own API under `/_mock/`; loaded when somebody asks for it."""
