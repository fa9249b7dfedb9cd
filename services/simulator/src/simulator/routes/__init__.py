"""The three doors of the simulated world: Kavenegar's API, the controls, the phone in the browser."""
