/**
 * The calls of `POST /send` in One-Ping's guide to webhooks, as its page has them
 * ("Acknowledge First, Process Later" and "How One-Ping Uses Webhooks"). They read `data` and `order`. The page hides the
 * address of the first one from robots; `sales@example.com` stands for it.
 */
export const ONE_PING_QUEUE_WORKER = `
    // Send notification via One-Ping
    await fetch('https://api.one-ping.com/send', {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Authorization': 'Bearer YOUR_API_KEY'
      },
      body: JSON.stringify({
        message: \`New order #\${data.order_id}: $\${data.total} from \${data.customer_name}\`,
        channels: ['slack', 'telegram'],
        recipient: 'sales@example.com'
      })
    });
`;

export const ONE_PING_SHOP = `
  // Notify the customer on their preferred channels
  await fetch('https://api.one-ping.com/send', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'Authorization': 'Bearer YOUR_API_KEY'
    },
    body: JSON.stringify({
      message: \`Order confirmed! #\${order.order_number} - \${order.line_items.length} items totaling $\${order.total_price}. We'll notify you when it ships.\`,
      channels: ['email', 'telegram'],
      recipient: order.customer.email
    })
  });

  // Notify the sales team on Slack
  await fetch('https://api.one-ping.com/send', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'Authorization': 'Bearer YOUR_API_KEY'
    },
    body: JSON.stringify({
      message: \`New order! #\${order.order_number} from \${order.customer.first_name} \${order.customer.last_name} - $\${order.total_price}\`,
      channels: ['slack'],
      recipient: 'sales-channel'
    })
  });
`;
