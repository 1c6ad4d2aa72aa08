"""What only the signer runs: keys, building, linting, signing, and the batch that holds them together.

No module outside this package and `revocation.worker` imports it; an import contract and a test that
looks into a running web process hold that.
"""
