//! Calls that no contract covers, and proof that the emulators really lack them: an emulator that learns a call makes
//! this fail, and the call gets a contract.
