"""The doors of the simulated world: Kavenegar, Huawei, other organisations, the controls, the phone."""
