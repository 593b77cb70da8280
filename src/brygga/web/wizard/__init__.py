"""The connect wizard: from a hub with no company to a system that is in step, a page a step (DESIGN 11).

An owner goes through it, and another owner can go on where the first one stopped. What each step does is in `sync.onboard`.
"""
