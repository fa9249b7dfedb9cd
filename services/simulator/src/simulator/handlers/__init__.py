"""What the simulated world does: carries messages, keeps Kavenegar's account, shows phones."""
