"""Referrals: agent → expert → liaison of a specialised unit, and back down the same way. Pure.

| it stands, and then | claim | answer | return | forward | ask below | recall | its last child is settled |
|---|---|---|---|---|---|---|---|
| open | open | answered | returned | forwarded | forwarded | recalled | |
| forwarded | | | | | forwarded | recalled | open |

Answered, returned and recalled are final. A forwarded referral waits for the ones below it; when the last of
them is settled it is open again at its own unit, which sees what came back and answers whoever asked it.
"""
